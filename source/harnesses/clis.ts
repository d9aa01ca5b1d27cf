import type {CliName} from '../core/agent/agent.ts';
import {claude} from './claude/claude.ts';
import {codex} from './codex/codex.ts';
import {copilot} from './copilot/copilot.ts';
import {gemini} from './gemini/launch.ts';
import {opencode} from './opencode/opencode.ts';
import {qwen} from './qwen/qwen.ts';
import type {Cli} from './shared/cli.ts';
import {amp, cline} from './shared/headless.ts';

/** Every agent CLI whose ways are known, by name. */
export const CLIS: Readonly<Partial<Record<CliName, Cli>>> = {claude, codex, gemini, opencode, qwen, copilot, cline, amp};
