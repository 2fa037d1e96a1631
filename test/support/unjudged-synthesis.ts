import { CloudFormationValidatePlugin } from 'aws-cdk-lib';

// Judging each template against aws-cdk-lib's own rules takes more than half of its synthesis. `npm run verify:templates` has
// the same rules judge, as errors, every template that a snapshot or an example holds.
CloudFormationValidatePlugin.prototype.validate = () => ({ success: true, violations: [] });
