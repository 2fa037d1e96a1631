import { skipped, type Check } from './check';
import { judgeStore } from '../store/origin';

/** The store that the service has today, which a rehearsal only reads. */
export const STORE: Check = {
  id: 'store',
  title: 'This Flue takes the store that is there',
  async run({ store }) {
    return store!.flueMajor === undefined ? skipped('no package.json tells which Flue the service has') : judgeStore(store!.marks, store!.flueMajor);
  },
};
