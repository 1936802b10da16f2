// Lets Eventscope fold events with a function of JavaScript: node adapter.mjs fold.js
//
// fold.js exports
//
//     initial(aggregateType)     the state before the first event; without it that is {}
//     evolve(state, event)       the state after an event: returned, or changed in place
//
// An event is an object with the members position, id, type, aggregate_type, aggregate_id, version, schema_version,
// timestamp, data, metadata, actor, causation_id and correlation_id. Numbers are what JSON.parse makes of them. The file
// may be an ECMAScript module or CommonJS, and TypeScript where node runs it.
//
// The protocol, version 1: lines of JSON on the standard input, answers on the standard output.
//
//     {"op": "hello", "protocol": 1}                   answered with {"protocol": 1, "name": …}
//     {"op": "begin", "stream": {…}, "state": …}       a stream begins, at its first event or at a state that it gave
//     {"op": "apply", "event": {…}}                    not answered, unless it fails
//     {"op": "state", "more": true}                    answered with {"state": …}; with "more" there is no hurry
//
// What fails is answered with {"error": …, "op": …}; then the next line is read as ever.

import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// What the application prints is no answer.
console.log = console.info = console.debug = console.error;

const loaded = await import(pathToFileURL(resolve(process.argv[2])));
const { initial = () => ({}), evolve } = { ...loaded.default, ...loaded };

const plain = (_, value) => {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
};

let state = null;

const answer = (message) => {
  switch (message.op) {
    case 'apply': {
      const after = evolve(state, message.event);
      if (after !== undefined) state = after;
      return '';
    }
    case 'state':
      return `{"state":${JSON.stringify(state, plain) ?? 'null'}}\n`;
    case 'begin':
      state = null;
      state = 'state' in message ? message.state : initial(message.stream.aggregate_type);
      return '';
    case 'hello':
      return `${JSON.stringify({ protocol: 1, name: 'node-function' })}\n`;
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
