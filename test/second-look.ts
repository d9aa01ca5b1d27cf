import type {Reporter, TestCase} from 'vitest/node';

/** Names at the end the tests that passed only when they were run again: told, never hidden, since each of them is to be mended. */
export class SecondLook implements Reporter {
	readonly #names: string[] = [];

	onTestCaseResult(test: TestCase): void {
		if (test.result().state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0)
			this.#names.push(`${test.project.name} ${test.module.relativeModuleId}: ${test.fullName}`);
	}

	onTestRunEnd(): void {
		for (const name of this.#names) process.stdout.write(`Passed only when run again: ${name}\n`);
	}
}
