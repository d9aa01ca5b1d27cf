import {claude} from './claude/claude.ts';
import type {Cli, CliName} from './cli.ts';
import {codex} from './codex/codex.ts';
import {gemini} from './gemini/gemini.ts';
import {opencode} from './opencode/opencode.ts';

/** Every agent CLI whose ways are known, by name. */
export const CLIS: Readonly<Partial<Record<CliName, Cli>>> = {claude, codex, gemini, opencode};
