(where, ...rest) => [location.search, ...rest]
