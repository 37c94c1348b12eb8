(language) => {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  document.cookie = `kgrag_language=${language}; path=/; max-age=31536000; samesite=lax`;
  return language;
}
