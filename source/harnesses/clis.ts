import {amp} from './amp/amp.ts';
import {claude} from './claude/claude.ts';
import {cline} from './cline/cline.ts';
import {codex} from './codex/codex.ts';
import {copilot} from './copilot/copilot.ts';
import {gemini} from './gemini/launch.ts';
import {opencode} from './opencode/opencode.ts';
import {qwen} from './qwen/qwen.ts';
import type {Cli} from './shared/cli.ts';

/** All supported agent CLIs, by name. */
export const CLIS: Readonly<Record<string, Cli>> = {claude, codex, gemini, opencode, qwen, copilot, cline, amp};

export const CLI_NAMES = Object.keys(CLIS) as [string, ...string[]];
