import type { Construct } from 'constructs';
export function acknowledgeFoundation(_stack: Construct): void {}
export function acknowledgeAgents(_stack: Construct, _agents: Construct): void {}
