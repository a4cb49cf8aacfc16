// `npm start` alone does the obvious thing on this machine; `npm start -- ARGS` is the command line.
if (process.argv.length === 2) process.argv.push('start');
await import('../bin/run.js');
