import { sqlite } from '@flue/runtime/node';

export default sqlite(process.env.STATE_FILE ?? 'state.db');
