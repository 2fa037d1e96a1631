/** What each test of a file prints, kept from the terminal. */
export function captureOutput(): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  beforeEach(() => {
    for (const name of ['stdout', 'stderr'] as const) {
      output[name] = '';
      jest.spyOn(process[name], 'write').mockImplementation(chunk => {
        output[name] += String(chunk);
        return true;
      });
    }
  });
  afterEach(() => jest.restoreAllMocks());
  return output;
}
