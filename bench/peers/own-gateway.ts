import { openApp } from '../../src/app.ts';
import { serveUntilStopped } from '../../src/cli/gateway-process/serve-until-stopped.ts';
import type { Database } from '../../src/database/database.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';

/**
 * The gateway from its sources, on any free port; with `--without-ledger` nothing of a request is written down. The
 * product has no such switch: this is how what its ledger adds to a request is measured. Prints its address.
 */
class UnwrittenLedger extends LedgerStore {
  #rows = 0;

  override insert(): number {
    return ++this.#rows;
  }

  override complete(): void {}
}

function withoutLedger(database: Database): LedgerStore {
  // Nor does it begin and end a transaction for nothing; what else is written is now and then a row.
  database.transaction = (work) => work();
  return new UnwrittenLedger(database);
}

const app = openApp(process.env);
const stores = app.gatewayStores();
const ledger = process.argv.includes('--without-ledger') ? withoutLedger(stores.database) : stores.ledger;
const served = { ...app, gatewayStores: () => ({ ...stores, ledger }) };
await serveUntilStopped(served, { port: 0 }, ({ url }) => console.log(JSON.stringify({ url })));
