import { readFileSync } from 'fs';
import { findingsOnDefaults, PAGE, renderPage } from '../../scripts/generate-ecs-patterns-findings';

test('what the defaults of ecs-patterns get wrong', () => {
  expect(findingsOnDefaults().map(({ ruleName, violatingResources: [{ constructPath }] }) => `${ruleName} ${constructPath}`).sort()).toEqual([
    'Flue-EncryptedTransport Stack/Agents/LB/PublicListener/Resource',
    'Flue-GracePeriodAboveStartup Stack/Agents/Service/Service',
    'Flue-HealthCheckPath Stack/Agents/LB/PublicListener/ECSGroup/Resource',
    'Flue-IdleTimeout Stack/Agents/LB/Resource',
    'Flue-InitProcess Stack/Agents/TaskDef/Resource',
    'Flue-KeepAliveAboveIdleTimeout Stack/Agents/TaskDef/Resource',
    'Flue-LogRetention Stack/Agents/TaskDef/web/LogGroup/Resource',
    'Flue-OneLiveOwner[overlap] Stack/Agents/Service/Service',
    'Flue-PinnedPlatform Stack/Agents/TaskDef/Resource',
    'Flue-ShutdownTime Stack/Agents/LB/PublicListener/ECSGroup/Resource',
    'Flue-ShutdownTime Stack/Agents/TaskDef/Resource',
  ]);
});

test('is what the docs say; otherwise run `npx ts-node --project tsconfig.dev.json scripts/generate-ecs-patterns-findings.ts`', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(renderPage());
});
