// Lets Eventscope fold events with Emmett's initialState and evolve: node adapter.mjs shop.js
//
// shop.js exports what your deciders and command handlers are made of, for one type of streams or for several:
//
//     export const initialState = () => …              for all streams
//     export const evolve = (state, event) => …
//
//     export const shopping_order = { initialState, evolve }      for streams of the type shopping_order, and so on:
//     export const bank_account = { initialState, evolve }        the type is what Emmett writes before the first "-"
//
// An event is Emmett's: kind, type, data, and metadata with streamName, messageId, streamPosition and globalPosition.
// The protocol is told in the adapter `node-function`.
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// What the application prints is no answer.
console.log = console.info = console.debug = console.error;

const loaded = await import(pathToFileURL(resolve(process.argv[2])));
const exported = { ...loaded.default, ...loaded };

const deciderOf = (type) => {
  const decider = exported[type]?.evolve ? exported[type] : exported;
  if (!decider.evolve || !decider.initialState) throw new Error(`no initialState and evolve for ${type}`);
  return decider;
};

const emmettEvent = (event) => ({
  kind: 'Event',
  type: event.type,
  data: event.data,
  metadata: {
    ...event.metadata,
    streamName: event.aggregate_id,
    messageId: event.id,
    streamPosition: BigInt(event.version),
    globalPosition: BigInt(event.position),
  },
});

const plain = (_, value) => {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
};

let state = null;

const answer = (message) => {
  switch (message.op) {
    case 'apply':
      state = deciderOf(message.event.aggregate_type).evolve(state, emmettEvent(message.event));
      return '';
    case 'state':
      return `{"state":${JSON.stringify(state, plain) ?? 'null'}}\n`;
    case 'begin':
      state = null;
      state = 'state' in message ? message.state : deciderOf(message.stream.aggregate_type).initialState();
      return '';
    case 'hello':
      return `${JSON.stringify({ protocol: 1, name: 'emmett' })}\n`;
    default:
      return '';
  }
};

const failure = (error) => {
  const place = /\(?(?:file:\/\/)?([^\s()]+:\d+):\d+\)?/.exec(error?.stack ?? '')?.[1]?.split('/').pop();
  return place ? `${error} (${place})` : String(error);
};

let kept = '';

/** Everything that was kept is written before the next line is read: a full pipe only makes it wait. */
const flush = () => {
  for (let rest = Buffer.from(kept); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  kept = '';
};

let begun = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const lines = (begun + chunk).split('\n');
  begun = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    try {
      kept += answer(message);
    } catch (error) {
      kept += `${JSON.stringify({ error: failure(error), op: message.op })}\n`;
    }
    if ((message.op !== 'apply' && !message.more) || kept.length > 65536) flush();
  }
}
