import {expect, test} from 'vitest';
import {errorLine} from '../../../source/core/task/error-line.ts';

test.each([
	[
		'an uncaught error of Node',
		"node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module './x.js'\n    at Module._resolve (node:internal:1)\n  code: 'MODULE_NOT_FOUND',\n}\n\nNode.js v24.1.0",
		"Error: Cannot find module './x.js'",
	],
	[
		'npm',
		'npm ERR! cannot find module foo\nnpm ERR! A complete log of this run can be found in: /x.log',
		'npm ERR! cannot find module foo',
	],
	[
		'Python',
		'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\nValueError: no such user\n',
		'ValueError: no such user',
	],
	[
		'Rust',
		'error[E0425]: cannot find value `x`\n --> src/main.rs:2:5\nerror: could not compile `shop` due to 1 previous error',
		'error[E0425]: cannot find value `x`',
	],
	[
		'a shell',
		'building\nsh: 1: turbo: not found: command not found\nmake: *** [Makefile:2: test] Error 127',
		'sh: 1: turbo: not found: command not found',
	],
	['Go', 'panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nexit status 2', 'panic: runtime error: index out of range'],
	['a program that names no error', 'step 1\ngiving up\n──────\n❯ ', 'giving up'],
	['nothing', '──\n \n', ''],
])('of %s is found', (_name, text, expected) => {
	expect(errorLine(text.split('\n'))).toBe(expected);
});
