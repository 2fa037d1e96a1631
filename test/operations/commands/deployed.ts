/** What the deployment makes of the values in the commands. */
const VALUES: [RegExp, string][] = [
  [/^AWS::Region$/, 'eu-central-1'],
  [/LaunchTemplate/, 'lt-0a1b2c3d4e5f60718'],
  [/LogGroup/, 'Test-AgentsLogGroup-a1B2'],
  [/^AgentsService/, 'arn:aws:ecs:eu-central-1:111111111111:service/Test-Cluster-c3D4/Test-Service-e5F6'],
  [/Cluster/, 'Test-Cluster-c3D4'],
  [/Group/, 'Test-AgentsGroup-g7H8'],
  [/^Database/, 'database.abc.eu-central-1.rds.amazonaws.com'],
];

/** A value of a template as the deployment renders it. */
export function deployed(value: any): any {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const [[key, argument]] = Object.entries<any>(value);
  switch (key) {
    case 'Ref':
      return known(argument);
    case 'Fn::GetAtt':
      return argument[1] === 'Name' ? 'Test-Service-e5F6' : known(argument[0]);
    case 'Fn::Join':
      return argument[1].map(deployed).join(argument[0]);
    case 'Fn::Split':
      return deployed(argument[1]).split(argument[0]);
    case 'Fn::Select':
      return deployed(argument[1])[argument[0]];
    default:
      throw new Error(`not known here: ${key}`);
  }
}

function known(id: string): string {
  const found = VALUES.find(([pattern]) => pattern.test(id));
  if (!found) {
    throw new Error(`nothing is known of ${id}`);
  }
  return found[1];
}
