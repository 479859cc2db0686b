import { Controller } from "@hotwired/stimulus";

/** Signing in with what the device keeps: no password is typed. Browsers allow it on hosts with a name only. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["credential", "wrong"];
  declare readonly credentialTarget: HTMLInputElement;
  declare readonly wrongTarget: HTMLElement;

  override connect(): void {
    const isNamed = !/^[\d.]+$|:/.test(location.hostname);
    this.element.hidden = !isNamed || typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON !== "function";
  }

  async signIn(): Promise<void> {
    this.wrongTarget.hidden = true;
    try {
      const answer = await fetch(this.element.action, { headers: { Accept: "application/json" } });
      const { request_options: asked } = (await answer.json()) as { request_options: { publicKey: PublicKeyCredentialRequestOptionsJSON } };
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.publicKey);
      const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
      this.credentialTarget.value = JSON.stringify(credential?.toJSON());
      this.element.submit();
    } catch {
      // Given up, no passkey on this device, or the line is down: the password still works.
      this.wrongTarget.hidden = false;
    }
  }
}
