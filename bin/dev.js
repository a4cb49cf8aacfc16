#!/usr/bin/env node
// For work on moltbot itself: builds what changed, then runs it.
import { prepare } from '../scripts/bootstrap.js';

prepare();
await import('./run.js');
