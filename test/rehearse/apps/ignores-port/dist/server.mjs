import { serve } from '../../serve.mjs';

serve({ port: 39173 });
