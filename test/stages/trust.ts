import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** The claims of a token that a provider signed, without the provider's name. */
export type Claims = Readonly<Record<string, string>>;

interface Statement {
  readonly Effect: string;
  readonly Action: string;
  readonly Principal: Readonly<Record<string, unknown>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const escape = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');

/** How IAM compares a value of a request with one of a policy. A key that the request lacks matches nothing. */
const OPERATORS: Readonly<Record<string, (given: string, wanted: string) => boolean>> = {
  StringEquals: (given, wanted) => given === wanted,
  StringLike: (given, wanted) => new RegExp(`^${escape(wanted).replace(/\*/g, '[^]*').replace(/\?/g, '[^]')}$`).test(given),
};

/** Whether the trust policies of IAM let a token of GitHub take the role: all operators and keys of a statement, and one of the values of each. */
export function admits(statements: readonly Statement[], claims: Claims): boolean {
  return statements.some(({ Effect, Action, Condition = {} }) => Effect === 'Allow' && Action === 'sts:AssumeRoleWithWebIdentity'
    && Object.entries(Condition).every(([operator, keys]) => {
      if (!(operator in OPERATORS)) throw new Error(`No such operator: ${operator}`);
      return Object.entries(keys).every(([key, wanted]) => {
        const given = claims[key.replace('token.actions.githubusercontent.com:', '')];
        return given !== undefined && [wanted].flat().some(value => OPERATORS[operator](given, value as string));
      });
    }));
}

/** The trust policy of the only role of a stack. */
export function trustOf(stack: Stack): Statement[] {
  const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  if (roles.length !== 1) throw new Error(`Not one role: ${roles.length}`);
  return roles[0].Properties.AssumeRolePolicyDocument.Statement;
}
