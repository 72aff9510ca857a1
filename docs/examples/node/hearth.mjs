// A running `hearth up`, and its clock, which stands at midnight.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const HEARTH = process.env.HEARTH ?? 'hearth';
const MANIFEST = fileURLToPath(new URL('hearth.toml', import.meta.url));

export class Hearth {
  #process;

  /** Starts `hearth up`; it ends with `stop`. */
  static async start() {
    const hearth = new Hearth();
    const clock = ['--clock', 'frozen', '--at', '2026-01-01T00:00:00Z'];
    const parameters = ['up', MANIFEST, '--port', '0', '--json', '--quiet', '--ephemeral', ...clock];
    hearth.#process = spawn(HEARTH, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    // Its first line says where it is ready.
    const [line] = await once(hearth.#process.stdout, 'data');
    hearth.url = JSON.parse(line).url;
    return hearth;
  }

  async stop() {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  /** Moves the clock, deadline by deadline; what ran meanwhile. */
  async advance(by) {
    return (await this.#control(`clock/advance?by=${encodeURIComponent(by)}`)).ran;
  }

  /** Waits until nothing happens any more; what ran meanwhile. */
  async settle() {
    return (await this.#control('settle')).ran;
  }

  /** Any operation of SQS. Clients of the AWS SDK do as well: their endpoint is `url`. */
  async sqs(operation, input) {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
    const answer = await fetch(this.url, { method: 'POST', headers, body: JSON.stringify(input) });
    if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
    return answer.json();
  }

  /** Begins as at the start, in milliseconds. */
  async reset() {
    await this.#control('reset');
  }

  async #control(path) {
    const answer = await fetch(`${this.url}/_hearth/${path}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  }
}
