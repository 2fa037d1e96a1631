import { serve } from '../../serve.mjs';

serve({ health: (response) => response.writeHead(404).end() });
