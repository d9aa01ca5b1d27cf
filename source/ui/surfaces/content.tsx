import {Box} from 'ink';
import {useMemo} from 'react';
import type {Drawing} from '../draw/context.ts';
import type {PartProps} from '../hooks/kinds.ts';
import {useView} from '../hooks/view.ts';
import {BoxPanel, boxData} from '../parts/box.tsx';
import {inPlace} from '../parts/in-place.ts';
import {dialogBox, pageContent} from '../screen/registry.ts';

/** The boxes of a page, each at its place. */
export const PageBoxes = ({rect}: PartProps) => {
	const select = useMemo(() => (drawing: Drawing) => pageContent(drawing)?.boxes.map(boxData) ?? [], []);
	return inPlace(useView(select), box => (
		<Box position="absolute" left={box.rect.x - rect.x} top={box.rect.y - rect.y}>
			<BoxPanel {...box} />
		</Box>
	));
};

const dialog = (drawing: Drawing) => {
	const box = dialogBox(drawing);
	return box && boxData(box);
};
export const DialogPanel = () => {
	const box = useView(dialog);
	return box && <BoxPanel {...box} />;
};
