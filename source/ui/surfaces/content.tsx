import type {Drawing} from '../draw/context.ts';
import {useView} from '../hooks/view.ts';
import {BoxPanel, boxData} from '../parts/box.tsx';
import {dialogBox} from '../screen/registry.ts';

const dialog = (drawing: Drawing) => {
	const box = dialogBox(drawing);
	return box && boxData(box);
};
export const DialogPanel = () => {
	const box = useView(dialog);
	return box && <BoxPanel {...box} />;
};
