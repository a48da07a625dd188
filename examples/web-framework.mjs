// The same in a web framework. Every framework on node:http hands out the socket; here Hono's Node adapter does, in its
// bindings: npm install hono @hono/node-server
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { clientOf } from 'truepeer';

const app = new Hono();

app.use(async (context, next) => {
  context.set('client', clientOf(context.env.incoming.socket));
  await next();
});
app.get('*', (context) => context.json(context.get('client')));

serve({ fetch: app.fetch, port: Number(process.argv[2] ?? 8080) });
