/** The container of a sandbox, and the port of its daemon. */
export const SANDBOX_CONTAINER = 'sandbox';
export const SANDBOX_PORT = 8080;
/** The variable by which a container is known as a sandbox. */
export const SANDBOX_LIFETIME = 'SANDBOX_MAX_LIFETIME_SECONDS';
