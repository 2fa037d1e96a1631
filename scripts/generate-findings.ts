import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findingsDocument } from '../test/templates/findings';

writeFileSync(resolve(__dirname, '..', 'docs', 'findings.md'), findingsDocument());
