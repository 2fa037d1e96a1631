import { serve } from '../../serve.mjs';

serve({ host: '127.0.0.1' });
