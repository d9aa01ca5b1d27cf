import {amp} from './amp/amp.ts';
import {claude} from './claude/claude.ts';
import type {Cli, CliName} from './cli.ts';
import {cline} from './cline/cline.ts';
import {codex} from './codex/codex.ts';
import {copilot} from './copilot/copilot.ts';
import {gemini} from './gemini/gemini.ts';
import {opencode} from './opencode/opencode.ts';
import {qwen} from './qwen/qwen.ts';

/** Every agent CLI whose ways are known, by name. */
export const CLIS: Readonly<Partial<Record<CliName, Cli>>> = {claude, codex, gemini, opencode, qwen, copilot, cline, amp};
