import { serve } from '../../serve.mjs';

console.log(process.env);
serve();
