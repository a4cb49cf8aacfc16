import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type BusAnswer, type BusCall, decodeAnswer, encodeCall, messageLength } from './bus-message.ts';

/**
 * A connection to the D-Bus session bus that can ask and nothing else. Our own, because the keychain library cannot say
 * whether a keyring is locked without opening a prompt, the programs that could (`busctl`, `gdbus`) are not everywhere,
 * and the packages that could bring an XML parser along for these two questions.
 */
export class SessionBus {
  readonly #socket: Socket;
  readonly #answers: AsyncGenerator<BusAnswer>;
  #serial = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#answers = answersFrom(socket);
  }

  /** Connects and logs in; fails with a plain error when no bus answers before `signal` ends. */
  static async connect(env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<SessionBus> {
    const path = socketPath(env);
    if (path === undefined) throw new Error('no session bus address');
    const socket = connect({ path, signal });
    // Whoever waits for bytes gets the error too; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect', { signal });
    const uid = process.getuid?.() ?? 0;
    socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString('hex')}\r\n`);
    const [line] = (await once(socket, 'data', { signal })) as [Buffer];
    if (!line.toString('latin1').startsWith('OK ')) throw new Error('the session bus refused the login');
    socket.write('BEGIN\r\n');
    const bus = new SessionBus(socket);
    await bus.ask({ ...DAEMON, member: 'Hello', texts: [] });
    return bus;
  }

  /** The first value of the answer; an error answer is thrown with its D-Bus name as message. */
  async ask(call: BusCall): Promise<BusAnswer['value']> {
    const serial = ++this.#serial;
    this.#socket.write(encodeCall(call, serial));
    for (;;) {
      const next = await this.#answers.next();
      if (next.done) throw new Error('the session bus closed the connection');
      const answer = next.value;
      if (answer.replyTo !== serial) continue; // a signal, or a late answer
      if (answer.errorName !== undefined) throw new Error(answer.errorName);
      return answer.value;
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

const DAEMON = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

async function* answersFrom(socket: Socket): AsyncGenerator<BusAnswer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let length = messageLength(bytes); length !== undefined && bytes.length >= length; ) {
      yield decodeAnswer(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
      length = messageLength(bytes);
    }
  }
}

/** The first unix socket of DBUS_SESSION_BUS_ADDRESS, else the place systemd puts it. */
function socketPath(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const address = env.DBUS_SESSION_BUS_ADDRESS;
  if (!address) {
    const runtimeDirectory = env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.()}`;
    return `${runtimeDirectory}/bus`;
  }
  for (const one of address.split(';')) {
    const match = /^unix:(?:.*,)?(path|abstract)=([^,]+)/.exec(one);
    if (match) return (match[1] === 'abstract' ? '\0' : '') + decodeURIComponent(match[2]!);
  }
  return undefined;
}
