// A running `hearth up`, and its clock, which stands at midnight.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HEARTH = process.env.HEARTH ?? 'hearth';
const MANIFEST = fileURLToPath(new URL('hearth.toml', import.meta.url));

export class Hearth {
  #process;

  /** Starts `hearth up`; it ends with `stop`. */
  static async start() {
    const hearth = new Hearth();
    const folder = await mkdtemp(join(tmpdir(), 'hearth-'));
    const ready = join(folder, 'url.txt');
    const clock = ['--clock', 'frozen', '--at', '2026-01-01T00:00:00Z'];
    const parameters = ['up', MANIFEST, '--port', '0', '--ready-file', ready, '--quiet', '--ephemeral', ...clock];
    hearth.#process = spawn(HEARTH, parameters, { stdio: ['ignore', 'ignore', 'inherit'] });
    await once(hearth.#process, 'spawn');
    while (!existsSync(ready)) {
      assert.equal(hearth.#process.exitCode, null, 'hearth up ended');
      await setTimeout(10);
    }
    hearth.url = (await readFile(ready, 'utf8')).trim();
    await rm(folder, { recursive: true });
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
