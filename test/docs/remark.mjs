import { fromHtml } from 'hast-util-from-html';
import remarkValidateLinks from 'remark-validate-links';
import { visit } from 'unist-util-visit';

/** Ids that a file gives in HTML, as API.md does, become anchors of the node in which the HTML stands; anchors are compared in small letters. */
function anchorsOfHtml() {
  return tree => visit(tree, 'html', node => {
    visit(fromHtml(node.value, { fragment: true }), 'element', ({ properties: { id } }) => {
      if (id) node.data = { ...node.data, id: String(id).toLowerCase() };
    });
  });
}

/** remark follows links to files, to headings, and to this repository on GitHub, as the README has them for npm. */
export default {
  plugins: [anchorsOfHtml, [remarkValidateLinks, { repository: 'cdk-flue/cdk-flue' }]],
};
