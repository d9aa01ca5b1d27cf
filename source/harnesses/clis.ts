import {claude} from './claude/claude.ts';
import type {Cli, CliName} from './cli.ts';

/** Every agent CLI whose ways are known, by name. */
export const CLIS: Readonly<Partial<Record<CliName, Cli>>> = {claude};
