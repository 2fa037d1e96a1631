import { HASH_DIGITS, HOME_SHARD, type Partition } from './partition';

/** A server that answers only for a part of the ids. */
export interface ShardOfFleet extends Partition {
  readonly shard: number;
  /** Paths that only the home shard answers, as a listener rule writes them. */
  readonly homePaths: readonly string[];
}

const PREFIX = '--import=data:text/javascript,';
/** How every preload of `shardGuardPreload` begins. */
export const SHARD_GUARD_PREFIX = `${PREFIX}import{Server}from`;
/** Events by which a server hands over a request. */
const EVENTS = ['request', 'checkContinue', 'checkExpectation', 'upgrade', 'connect'];

/**
 * Refuses what the app delivers to an id of another shard by `dispatch()` or `init()` of Flue, which send no request.
 *
 * The home shard takes any id where it has paths of its own: the agent's name, which those paths have, is not known here. A Node.js
 * older than 22.15 has no hooks, and a server into which Flue was bundled loads no such module.
 */
const DISPATCH_GUARD = ';import*as modules from"node:module";'
  + 'globalThis[Symbol.for("cdk-flue.own")]=id=>{if(typeof id==="string"&&shardOf(id)!==own)throw Error("This id belongs to another shard: POST to the public URL of the agent instead.")};'
  + 'modules.registerHooks?.({resolve(name,context,next){const found=next(name,context);'
  + 'if(name!=="@flue/runtime"||!context.conditions?.includes("import"))return found;const url=JSON.stringify(found.url);'
  + 'return{format:"module",shortCircuit:true,url:"data:text/javascript,"+encodeURIComponent("import*as flue from"+url+";export*from"+url'
  + '+";const own=globalThis[Symbol.for(\'cdk-flue.own\')];export const dispatch=async(a,b)=>{own((b??a)?.id);return flue.dispatch(a,b)}"'
  + '+";export const init=flue.init&&((a,b)=>{own(b?.id);return flue.init(a,b)})")}}})';

/**
 * The NODE_OPTIONS word with which a server refuses the requests of other shards, before the app sees them.
 *
 * It reads a path as the server of Flue does, with its dots and codes resolved: the load balancer cannot. A conversation cannot
 * split in two then, whatever the rules in front of the server say. What it cannot read it refuses too.
 */
export function shardGuardPreload({ shard, shards, agentPaths, homePaths, key }: ShardOfFleet): string {
  const script = `import{Server}from"node:http";${key === 'sha256' ? 'import{createHash}from"node:crypto";' : ''}const own=${shard},of=${shards},`
    + `routes=${JSON.stringify(agentPaths.map(path => path.toLowerCase().split('/').filter(Boolean)))},`
    + `home=${JSON.stringify(homePaths.map(regexOf))}.map(p=>new RegExp(p,"is")),`
    + `events=${JSON.stringify(EVENTS)},emit=Server.prototype.emit,`
    + (key === 'sha256' ? `shardOf=id=>parseInt(createHash("sha256").update(id).digest("hex").slice(0,${HASH_DIGITS}),16)%of,`
      : 'shardOf=id=>{const digit=/[0-9a-z]$/i.test(id)?parseInt(id.at(-1),36):0;return digit%of},')
    + 'judge=({url,headers:{host=""}})=>{let path;'
    // a host with a slash would shift the path for a server that joins the two; some servers take a backslash for a slash
    + 'if(/[\\/?#@\\\\]/.test(host)||/^[^?]*\\\\/.test(url))return 400;'
    + 'try{path=new URL(url[0]==="/"?"http://h"+url:/^https?:\\/\\//.test(url)?url:"").pathname.split("/").filter(Boolean).map(decodeURIComponent)}catch{return 400}'
    + `if(home.some(p=>p.test("/"+path.join("/"))))return own===${HOME_SHARD}?0:421;`
    + 'return routes.some(r=>path[r.length]&&r.every((s,i)=>s==="*"||s===path[i].toLowerCase())&&shardOf(path[r.length])!==own)?421:0};'
    + 'Server.prototype.emit=function(name,request,reply,...rest){'
    + 'const status=events.includes(name)?judge(request):0;if(!status)return emit.call(this,name,request,reply,...rest);'
    + 'const text=status===421?"This id belongs to another shard.":"This path cannot be read.";'
    + 'reply.writeHead?reply.writeHead(status,{"content-type":"text/plain",connection:"close"}).end(text)'
    + ':reply.end("HTTP/1.1 "+status+" Refused\\r\\nConnection: close\\r\\n\\r\\n");return true}'
    + (shard === HOME_SHARD && homePaths.length > 0 ? '' : DISPATCH_GUARD);
  // what ends a word of NODE_OPTIONS, or the path of a URL
  return `${PREFIX}${script.replace(/[%#?"\s\\]/g, encodeURIComponent)}`;
}

/** A path of a listener rule as a regular expression: `*` is any text, `?` any character. */
function regexOf(path: string): string {
  return `^${path.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`;
}
