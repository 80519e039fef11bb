// Where the user is: the address bar is the truth, links are ordinary links.
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

class Router {
  #place = $state.raw<Place>(here());

  get place(): Place {
    return this.#place;
  }

  start(): void {
    addEventListener("popstate", () => (this.#place = here()));
    document.addEventListener("click", (event) => this.#followLink(event));
  }

  go(href: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, "", href);
    else history.pushState(null, "", href);
    this.#place = here();
  }

  /** Change the query alone, in place: a page's own settings, such as a range. */
  setQuery(name: string, value: string | null): void {
    const query = new URLSearchParams(this.#place.query);
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    this.go(this.#place.path + (text === "" ? "" : `?${text}`), { replace: true });
  }

  #followLink(event: MouseEvent): void {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element).closest("a");
    if (link === null || link.origin !== location.origin || link.target !== "" || link.hasAttribute("download")) return;
    if (link.pathname.startsWith("/assets/") || (link.hash !== "" && link.pathname === location.pathname)) return;
    event.preventDefault();
    if (link.href !== location.href) this.go(link.href);
  }
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const router = new Router();
