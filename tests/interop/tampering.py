"""What somebody without a key does to a signed document."""
import re


def with_other_page(data):
    """The document with an update that replaces a page by an empty one; for files with cross-reference tables."""
    page = re.search(rb"(\d+) 0 obj\s*<<(?:(?!endobj).)*?/Type\s*/Page\b(?!s)(?:(?!endobj).)*?endobj", data, re.DOTALL)
    number = int(page[1])
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    root = re.findall(rb"/Root\s+(\d+ \d+ R)", data)[-1].decode()
    parent = re.search(rb"/Parent\s+(\d+ \d+ R)", page[0])[1].decode()
    size = max(int(value) for value in re.findall(rb"/Size\s+(\d+)", data)) + 2
    new_page = len(data)
    update = f"{number} 0 obj\n<</Type/Page/Parent {parent}/MediaBox[0 0 300 300]/Resources<<>>>>\nendobj\n".encode()
    table = new_page + len(update)
    update += (f"xref\n{number} 1\n{new_page:010} 00000 n \ntrailer\n<</Size {size}/Root {root}/Prev {start}>>\n"
               f"startxref\n{table}\n%%EOF\n").encode()
    return data + update
