import { serve } from '../../serve.mjs';

serve({ health: (response) => response.writeHead(302, { location: '/login' }).end() });
