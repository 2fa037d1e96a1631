// For `--require`: the runtime of jsii lays modules out in a new directory for each process, so that none would read what another one has compiled of them.
const fs = require('node:fs');

const make = fs.mkdtempSync;
fs.mkdtempSync = (prefix, ...options) => {
  if (!prefix.endsWith('jsii-kernel-')) return make(prefix, ...options);
  fs.rmSync(process.env.KERNEL_PLACE, { recursive: true, force: true });
  fs.mkdirSync(process.env.KERNEL_PLACE);
  return process.env.KERNEL_PLACE;
};
