/** What keeps a command from doing its work; the user reads the message as it stands, without a stack. */
export class CliFailure extends Error {
  public constructor(problem: string, wayOut: string) {
    super(`${problem}\n${wayOut}`);
    this.name = 'CliFailure';
  }
}
