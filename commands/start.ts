import type { App } from '../src/app.ts';
import { BaseCommand, openCommandApp } from '../src/cli/base-command.ts';
import { runDemo } from '../src/cli/demo/run-demo.ts';
import { serveUntilStopped } from '../src/cli/gateway-process/serve-until-stopped.ts';
import { hasTerminal } from '../src/cli/prompts/terminal.ts';
import { startChoice } from '../src/cli/start-choice.ts';
import { typedProgram } from '../src/cli/typed-program.ts';
import { environmentKeys } from '../src/gateway/choose/roster.ts';

export default class Start extends BaseCommand {
  static override hidden = true;
  static override summary =
    'Do the obvious thing: set up, then run the gateway, or show the demo. This is plain "npm start".';
  // It serves; there is no result.
  static override enableJsonFlag = false;

  async run(): Promise<void> {
    await this.parse(Start);
    const keys = environmentKeys(this.app.providers(), this.app.env);
    const isConfigured = isSetUp(this.app);
    const choice = startChoice({ isConfigured, hasTerminal: hasTerminal(), hasKeys: keys.size > 0 });
    if (choice === 'demo') return runDemo(typedProgram(), (line) => this.log(line));
    if (choice === 'onboarding') return this.#onboardThenServe();
    if (choice === 'environment keys') {
      const names = [...keys.values()].map(({ name }) => name);
      this.log(`Using ${names.join(', ')} of this environment. Nothing is stored and no paid call is made.`);
    }
    await this.#serve(this.app);
  }

  async #onboardThenServe(): Promise<void> {
    await this.config.runCommand('onboard', []);
    // What this process has read before is not true any more.
    const app = openCommandApp();
    try {
      if (isSetUp(app)) await this.#serve(app);
    } finally {
      app.close();
    }
  }

  async #serve(app: App): Promise<void> {
    await serveUntilStopped(app, { freePort: true }, ({ url, pid }) => {
      this.log(`The gateway listens on ${url} (pid ${pid}). Ctrl-C stops it.`);
      this.log(`Work through it, in another terminal: ${typedProgram()} run -- claude`);
    });
  }
}

function isSetUp(app: App): boolean {
  return app.config().exists || (app.storesForReading()?.profiles.list().length ?? 0) > 0;
}
