import {onTestFinished} from 'vitest';
import {temporaryFolder} from './cleanup.ts';
import type {Scope} from './redis-fleet.ts';

/** Servers of the running test, ended with it. */
export const ofTest: Scope = {folder: temporaryFolder, onEnd: onTestFinished};
