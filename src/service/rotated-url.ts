const PREFIX = '--import=data:text/javascript,';

/**
 * The NODE_OPTIONS word that makes a connection string of the login that Secrets Manager rotates, before the app reads it.
 *
 * Flue takes one string, and ECS composes none. A variable that holds a connection string stays as it is, such as in a child of the server
 * and in a rehearsal. What a URL cannot hold is encoded, so a password may have any character.
 */
export function rotatedUrlPreload(): string {
  const script = 'const text=process.env.DATABASE_URL;if(text?.[0]==="{"){const{username,password,host,port,dbname}=JSON.parse(text);'
    + 'process.env.DATABASE_URL="postgres://"+[username,password].map(encodeURIComponent).join(":")+"@"+host+":"+port+"/"+encodeURIComponent(dbname)+"?sslmode=verify-full"}';
  return `${PREFIX}${script.replace(/[%#?"\s\\]/g, encodeURIComponent)}`;
}
