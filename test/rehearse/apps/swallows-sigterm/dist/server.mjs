import { serve } from '../../serve.mjs';

serve({ handlesSigterm: false });
