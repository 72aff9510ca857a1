// What takes the shop hours and days takes these tests milliseconds.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Hearth } from './hearth.mjs';

const GOOD = JSON.stringify({ id: 'A-1', items: [{ sku: 'tea', quantity: 2, unit_price_cents: 450 }] });

let hearth;
before(async () => { hearth = await Hearth.start(); });
beforeEach(async () => { await hearth.reset(); });
after(async () => { await hearth?.stop(); });

const order = (body) => hearth.sqs('SendMessage', { QueueUrl: 'orders', MessageBody: body });

async function lostOrders() {
  const received = await hearth.sqs('ReceiveMessage', { QueueUrl: 'lost-orders', MaxNumberOfMessages: 10 });
  return (received.Messages ?? []).map((message) => message.Body);
}

test('an order is taken before the test goes on', async () => {
  await order(GOOD);
  await hearth.settle();
  const { Attributes } = await hearth.sqs('GetQueueAttributes', { QueueUrl: 'orders', AttributeNames: ['All'] });
  assert.equal(Attributes.ApproximateNumberOfMessages, '0');
  assert.equal(Attributes.ApproximateNumberOfMessagesNotVisible, '0');
});

test('what is no order is tried for six hours and then lost', async () => {
  await order('tea, please');
  await hearth.settle();
  // Eleven more attempts, and the report at two.
  assert.equal((await hearth.advance('5h 59m')).invocations, 12);
  assert.deepEqual(await lostOrders(), []);
  await hearth.advance('1m');
  assert.deepEqual(await lostOrders(), ['tea, please']);
});

test('the report is made every night', async () => {
  assert.equal((await hearth.advance('30d')).invocations, 30);
});
