import { IMAGE, run } from '../app';

// the compiled library, as a user of the package loads it
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { FlueFargateService, FlueImage } = require(process.env.CDK_FLUE_LIB!) as typeof import('../../../src');

run((stack, id, cluster) => {
  new FlueFargateService(stack, id, { image: FlueImage.fromRegistry(stack, `${id}Image`, IMAGE), cluster });
});
