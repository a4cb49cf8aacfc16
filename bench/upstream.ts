import type { HeldWish } from './jobs.ts';
import { eventServer } from './upstream/event-server.ts';
import { jsonServer } from './upstream/json-server.ts';

/**
 * The provider of the benchmark, a process of its own: plain answers on one port, event streams on another. It is not
 * the simulator, which checks, scripts and records every request and is slower than what is measured here.
 */
const { server: events, heldStreams } = eventServer();
const servers = { json: jsonServer(), events };
const ports: Record<string, number> = {};
for (const [name, server] of Object.entries(servers)) {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address) ports[name] = address.port;
    if (Object.keys(ports).length === 2) process.send!({ ports });
  });
}
process.on('message', (wish: HeldWish) => {
  if (wish === 'finish') heldStreams.finish();
  else void heldStreams.goOn().then(() => process.send!('sent'));
});
process.on('disconnect', () => process.exit());
