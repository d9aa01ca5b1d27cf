import {readFileSync} from 'node:fs';
import {registerHooks} from 'node:module';
import {fileURLToPath} from 'node:url';
import {transformSync} from 'esbuild';

/** Node takes the types out of `.ts` by itself; what has JSX in it is read by what also builds the program. For scripts: `node --import` this file. */
registerHooks({
	load: (url, context, next) => {
		if (!url.endsWith('.tsx')) return next(url, context);
		const source = readFileSync(fileURLToPath(url), 'utf8');
		return {format: 'module', shortCircuit: true, source: transformSync(source, {loader: 'tsx', jsx: 'automatic', target: 'node22'}).code};
	},
});
