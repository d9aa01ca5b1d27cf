import {AsyncLocalStorage} from 'node:async_hooks';

type Order = {readonly by: string; isOver: boolean};

const orders = new AsyncLocalStorage<Order>();

/**
 * Carries out a human's order: what its scripts write into the record until `work` is done names `by`. What it sets going and does not wait
 * for (an attempt that starts, a timer) writes in nobody's name once that is so.
 */
export const orderedBy = async <T>(by: string, work: () => Promise<T>): Promise<T> => {
	const order: Order = {by, isOver: false};
	try {
		return await orders.run(order, work);
	} finally {
		order.isOver = true;
	}
};

/** Runs `work` in nobody's name: it is only set going by whatever happens now. */
export const inNobodysName = (work: () => void): void => orders.exit(work);

/** In whose name a script runs now, '' for nobody's. One line: it goes behind an op-id. */
export const orderNow = (): string => {
	const order = orders.getStore();
	return order === undefined || order.isOver ? '' : order.by;
};
